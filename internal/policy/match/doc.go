// Package match finds many things in one text at once: the words of a list, links and their
// hosts, and the beginnings of phone numbers.
//
// It owns the searching and nothing else: what a hit means is the caller's business, and so is
// folding the text (package fold). It imports nothing of this project. Finding costs time linear
// in the text, whatever the text is, and allocates nothing once the caller's slices have grown.
package match
