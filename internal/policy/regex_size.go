package policy

import (
	"cmp"
	"fmt"
	"regexp/syntax"

	"cel.dev/cel-go/common/ast"
	"go.yaml.in/yaml/v3"
)

// maxRegexSize is how many bytes the regexes of a file and its lists may take together once they are
// compiled, by the estimate of compiledSize. An expression of 20 bytes can take megabytes, and one that a
// list holds is compiled wherever the list is used. 10,000 rules with an ordinary regex each take 60 % of
// it. The worst file known that is within it peaks at 200 MB while it is read.
const maxRegexSize = 80 << 20

// What the parts of a compiled expression take, in bytes.
const (
	regexBase  = 2 << 10 // the expression itself, and what is kept to look for it
	regexInst  = 48      // an instruction
	regexRune  = 20      // half a range of a class: 4 in the program, and its place in the expression's text
	onePassAdd = 64      // an instruction of the second form that some get
	onePassSet = 6       // half a range that can come next at an instruction of it
	wordSize   = 256     // a word that the search for words looks for
	textSize   = 16      // a text that is looked for otherwise, beside its bytes
)

// taken is what expressions have taken of maxRegexSize.
type taken struct {
	compiled int
	listed   int  // by those that lists hold, used or not
	all      bool // there is no room for one more, which was reported
}

// affords tells whether one more expression may be compiled, and notes that it is. The first that may not
// is reported; those behind it are not looked at.
func (l *loader) affords(sum *int, at listed, tree *syntax.Regexp) bool {
	if l.taken.all {
		return false
	}
	if *sum += compiledSize(tree); *sum <= maxRegexSize {
		return true
	}
	l.taken.all = true
	l.add(Problem{
		File: cmp.Or(at.file, l.src.Name), Line: max(at.node.Line, 1), Column: max(at.node.Column, 1), Severity: SeverityError,
		Text: fmt.Sprintf("the regexes up to here take more than %d MiB together when they are compiled", maxRegexSize>>20),
		Hint: `shorten repetitions such as {500} and classes such as \pL, use a list of them in fewer rules, or remove some`,
	})
	return false
}

// affordsLiteral is affords for an expression that stands in CEL. One that is wrong is told by CEL.
func (l *loader) affordsLiteral(n *yaml.Node, literal ast.Expr) bool {
	text, ok := literal.AsLiteral().Value().(string)
	if !ok {
		return true
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	return err != nil || l.affords(&l.taken.compiled, listed{node: n}, tree)
}

// compiledSize estimates how many bytes an expression takes once it is compiled.
func compiledSize(tree *syntax.Regexp) int {
	var s regexSize
	s.add(tree, 1, 0)
	size := regexBase + s.insts*regexInst + s.runes*regexRune
	if s.begins { // such a program may get a second form, for texts that it fits as a whole
		size += s.insts*onePassAdd + s.next*onePassSet
	}
	return size
}

// regexSize adds up the program of an expression.
type regexSize struct {
	insts  int
	runes  int  // in classes and literals, as they stand in the expression
	next   int  // over all instructions, the ends of the ranges that can come next
	begins bool // it names the beginning of the text
}

// add adds a part that stands in the program so many times. It takes, and returns, of how many ends of
// ranges the set is that can come behind it, and at it.
func (s *regexSize) add(re *syntax.Regexp, times, behind int) int {
	switch re.Op {
	case syntax.OpLiteral:
		return s.literal(re, times)
	case syntax.OpCharClass:
		s.runes += len(re.Rune)
		return s.plain(times, len(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return s.plain(times, anySet)
	case syntax.OpCapture:
		at := s.add(re.Sub[0], times, behind)
		s.plain(times, behind)
		return s.plain(times, at)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return s.repeat(re, times, behind)
	case syntax.OpConcat:
		for i := len(re.Sub) - 1; i >= 0; i-- {
			behind = s.add(re.Sub[i], times, behind)
		}
		return behind
	case syntax.OpAlternate:
		at := 0
		for i := len(re.Sub) - 1; i >= 0; i-- {
			if at += s.add(re.Sub[i], times, behind); i < len(re.Sub)-1 {
				s.plain(times, at)
			}
		}
		return at
	case syntax.OpBeginText:
		s.begins = true
	}
	return s.plain(times, behind)
}

// plain adds one instruction at which so many ends of ranges can come next.
func (s *regexSize) plain(times, at int) int {
	s.insts += times
	s.next += times * at
	return at
}

func (s *regexSize) literal(re *syntax.Regexp, times int) int {
	s.runes += len(re.Rune)
	return s.plain(times*len(re.Rune), literalSet(re))
}

// literalSet returns of how many ends of ranges a letter of a literal is: a range for each of its forms.
func literalSet(re *syntax.Regexp) int {
	if re.Flags&syntax.FoldCase != 0 {
		return 8
	}
	return 2
}

// anySet is what literalSet is for any character at all.
const anySet = 4

// repeat adds a part that is repeated. What it begins with can come behind it too.
func (s *regexSize) repeat(re *syntax.Regexp, times, behind int) int {
	copies, choices := 1, 2 // a star of what can match nothing takes two
	if re.Op == syntax.OpRepeat {
		copies = max(re.Min, re.Max, 1)
		choices = max(re.Max-re.Min, 2)
	}
	at := atMost(re.Sub[0], behind) + behind
	s.add(re.Sub[0], times*copies, at)
	return s.plain(times*choices, at)
}

// atMost returns what add returns, without adding anything.
func atMost(re *syntax.Regexp, behind int) int {
	switch re.Op {
	case syntax.OpLiteral:
		return literalSet(re)
	case syntax.OpCharClass:
		return len(re.Rune)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return anySet
	case syntax.OpCapture:
		return atMost(re.Sub[0], behind)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return atMost(re.Sub[0], behind) + behind
	case syntax.OpConcat:
		for i := len(re.Sub) - 1; i >= 0; i-- {
			behind = atMost(re.Sub[i], behind)
		}
		return behind
	case syntax.OpAlternate:
		at := 0
		for _, sub := range re.Sub {
			at += atMost(sub, behind)
		}
		return at
	}
	return behind
}

// soughtSize estimates what is kept to look for an expression.
func (r *regex) soughtSize() int {
	n := len(r.triggers) * wordSize
	for _, clause := range r.clauses {
		for _, literal := range clause {
			n += len(literal) + textSize
		}
	}
	return n
}
