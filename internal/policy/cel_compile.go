package policy

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"go.yaml.in/yaml/v3"
)

const (
	maxCEL      = 2000 // bytes of an expression
	maxCELNodes = 1000
	maxCELDepth = 40
	// maxCost is what an expression may cost at most, by its estimate and when it runs. Kubernetes
	// reckons with 100 ns for each unit (k8s.io/apiserver/pkg/apis/cel/config.go, 2026-11): with the
	// longest message this is 10 ms.
	maxCost = 100_000
	// celJoined is how long the store remembers when members joined for an expression.
	celJoined = 30 * 24 * time.Hour
	// celMessages is up to which number member.messages is exact.
	celMessages = maxHistory
	// maxCELProblems is how many mistakes in one expression are reported.
	maxCELProblems = 5
)

// celEnv returns what expressions are compiled in, made when the first one needs it.
func (l *loader) celEnv() (*cel.Env, error) {
	if l.cel != nil {
		return l.cel, nil
	}
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	opts := []cel.EnvOption{
		cel.CustomTypeAdapter(registry), cel.CustomTypeProvider(newCELProvider(registry)),
		cel.ClearMacros(), cel.Macros(cel.HasMacro, cel.AllMacro, cel.ExistsMacro, cel.FilterMacro, cel.MapMacro, cel.MapFilterMacro),
		cel.ParserExpressionSizeLimit(maxCEL), cel.ParserRecursionLimit(maxCELDepth), cel.ExpressionNodeLimit(maxCELNodes),
		cel.ExtendedValidations(),
	}
	for _, object := range celObjects() {
		opts = append(opts, cel.Variable(object, types.NewObjectType(celTypeName(object))))
	}
	l.cel, err = cel.NewEnv(opts...)
	return l.cel, err
}

// compileCEL compiles one expression; nil when it has a mistake, which is reported.
func (l *loader) compileCEL(n *yaml.Node, source string) *celCondition {
	if l.taken.all {
		return nil
	}
	env, err := l.celEnv()
	if err != nil {
		l.errorf(n, "", "cel: %v", err)
		return nil
	}
	checked, issues := env.Compile(source)
	if issues.Err() != nil {
		for i, e := range issues.Errors() {
			if i < maxCELProblems {
				l.celProblem(n, source, e.Location, e.Message)
			}
		}
		return nil
	}
	if t := checked.OutputType(); !t.IsExactType(cel.BoolType) {
		l.errorf(n, "compare it with something", "cel gives %s, not true or false", celTypeText(t))
		return nil
	}
	c := &celCondition{}
	if !l.inspect(n, checked.NativeRep(), c) {
		return nil
	}
	price, err := env.EstimateCost(checked, celSizes{})
	switch {
	case err != nil:
		l.errorf(n, "", "cel: its cost cannot be told: %v", err)
		return nil
	case price.Max > maxCost:
		l.errorf(n, "make it simpler, such as by one loop less", "cel can cost %d, more than %d", price.Max, maxCost)
		return nil
	}
	c.program, err = env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxCost))
	if err != nil {
		l.errorf(n, "", "cel: %v", err)
		return nil
	}
	return c
}

// celProblem reports a mistake with its place in the expression.
func (l *loader) celProblem(n *yaml.Node, source string, at common.Location, message string) {
	message, _, _ = strings.Cut(message, "\n")
	message = cut(strings.TrimPrefix(message, "Syntax error: "), 200)
	hint := ""
	m := regexp.MustCompile(`^(?:undefined field|undeclared reference to) '(\w*)'`).FindStringSubmatch(message)
	switch {
	case m == nil:
	case strings.HasPrefix(message, "undefined field"):
		message, hint = fmt.Sprintf("there is no field %q", m[1]), nearest(m[1], celNames())
	case strings.Contains(source, m[1]+"("):
		message = fmt.Sprintf("there is no function %q", m[1])
	default:
		message, hint = fmt.Sprintf("there is no %q", m[1]), nearest(m[1], celObjects())
		if hint == "" {
			hint = "the variables are event, member and group"
		}
	}
	l.errorf(n, hint, "cel, at %d:%d of the expression: %s", max(at.Line(), 1), max(at.Column()+1, 1), message)
}

// inspect refuses what compiles and means nothing, and notes what the expression looks at.
func (l *loader) inspect(n *yaml.Node, tree *ast.AST, c *celCondition) bool {
	looks, ok := false, true
	refuse := func(e ast.Expr, format string, args ...any) {
		ok = false
		l.celProblem(n, "", tree.SourceInfo().GetStartLocation(e.ID()), fmt.Sprintf(format, args...))
	}
	ast.PreOrderVisit(ast.NavigateAST(tree), ast.NewExprVisitor(func(e ast.Expr) {
		nav, _ := e.(ast.NavigableExpr)
		switch e.Kind() {
		case ast.IdentKind:
			parent, below := nav.Parent()
			if !isObject(nav) {
				return
			}
			if looks = true; !below || parent.Kind() != ast.SelectKind {
				refuse(e, "%s is no value: name one of its fields", e.AsIdent())
				return
			}
			if e.AsIdent() == "member" {
				field := parent.AsSelect().FieldName()
				c.joined = c.joined || field == "joined_ago" || field == "joined_known"
				c.wrote = c.wrote || field == "messages"
			}
		case ast.StructKind:
			refuse(e, "an expression makes no objects")
		case ast.CallKind:
			call := e.AsCall()
			if call.FunctionName() != "matches" {
				return
			}
			switch pattern := call.Args()[len(call.Args())-1]; {
			case pattern.Kind() != ast.LiteralKind:
				refuse(e, "matches takes an expression that is written out")
			case hasBackspace(pattern):
				refuse(e, `matches has a backspace, which \b is in a text: write r'…'`)
			default:
				ok = l.affordsLiteral(n, pattern) && ok
			}
		}
	}))
	if ok && !looks {
		l.errorf(n, "look at event, member or group", "cel says the same of every event")
		return false
	}
	return ok
}

// hasBackspace tells whether a text has one, where its writer wanted the border of a word.
func hasBackspace(literal ast.Expr) bool {
	text, ok := literal.AsLiteral().Value().(string)
	return ok && strings.ContainsRune(text, '\b')
}

// isObject tells whether a name stands for event, member or group.
func isObject(e ast.NavigableExpr) bool {
	return e.Type().Kind() == types.StructKind && strings.HasPrefix(e.Type().TypeName(), celTypeName(""))
}

// celTypeText names a type as a reader knows it.
func celTypeText(t *cel.Type) string { return strings.TrimPrefix(t.String(), celTypeName("")) }

// celSizes says how large things get, for the estimate of what an expression costs.
type celSizes struct{}

// EstimateSize returns the size of a field, or of what a list holds.
func (celSizes) EstimateSize(e cost.AstNode) *cost.SizeEstimate {
	path := e.Path()
	if len(path) < 2 {
		return nil
	}
	for _, f := range celFields() {
		switch {
		case f.object != path[0] || f.name != path[1]:
		case len(path) == 2:
			return &cost.SizeEstimate{Min: 0, Max: f.size}
		default:
			return &cost.SizeEstimate{Min: 0, Max: f.each}
		}
	}
	return nil
}

// EstimateCallCost leaves the cost of calls to the library.
func (celSizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}
