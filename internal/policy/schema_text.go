package policy

// textShape is what text looks like: match and see_through alone say nothing.
func textShape(l *loader) shape {
	keys := l.textKeys(&text{}, &textSource{})
	var finding []string
	for i := range keys {
		switch keys[i].name {
		case "see_through":
			keys[i].is = keys[i].is.orNone() // nothing is seen through: the text as it is
		case "match":
		default:
			finding = append(finding, keys[i].name)
		}
	}
	return keyed(keys...).atLeastOne(finding...)
}
