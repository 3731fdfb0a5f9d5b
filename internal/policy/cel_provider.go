package policy

import (
	"errors"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	celref "cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// fieldOf returns the getter and the tester of a field, as the library wants them.
func (f celField) fieldOf() *types.FieldType {
	return &types.FieldType{
		Type: f.is,
		GetFrom: func(target any) (any, error) {
			x, ok := target.(*Exam)
			if !ok {
				return nil, errors.New("not an event")
			}
			if f.fault != nil {
				if err := f.fault(x); err != nil {
					return nil, err
				}
			}
			return f.get(x), nil
		},
		IsSet: func(target any) bool {
			x, ok := target.(*Exam)
			if !ok || f.fault != nil && f.fault(x) != nil {
				return false
			}
			switch v := f.get(x).(type) {
			case string:
				return v != ""
			case []string:
				return len(v) > 0
			case bool:
				return v
			}
			return true
		},
	}
}

// celVars are the variables of an expression.
type celVars struct{ x *Exam }

// ResolveName returns the event for each variable: which of them it is decides about its fields.
func (v celVars) ResolveName(name string) (any, bool) {
	return v.x, slices.Contains(celObjects(), name)
}

// Parent returns nil: nothing stands behind the variables.
func (celVars) Parent() interpreter.Activation { return nil }

// celProvider tells the library what fields event, member and group have.
type celProvider struct {
	*types.Registry
	fields map[string]map[string]*types.FieldType // by object type and name
}

func newCELProvider(r *types.Registry) *celProvider {
	p := &celProvider{r, map[string]map[string]*types.FieldType{}}
	for _, f := range celFields() {
		t := celTypeName(f.object)
		if p.fields[t] == nil {
			p.fields[t] = map[string]*types.FieldType{}
		}
		p.fields[t][f.name] = f.fieldOf()
	}
	return p
}

// celTypeName names the type of an object so that no expression can: it has a space.
func celTypeName(object string) string { return "the " + object }

// FindStructType returns the type of an object.
func (p *celProvider) FindStructType(name string) (*types.Type, bool) {
	if p.fields[name] != nil {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Registry.FindStructType(name)
}

// FindStructFieldNames returns the fields of an object.
func (p *celProvider) FindStructFieldNames(name string) ([]string, bool) {
	if p.fields[name] != nil {
		return sortedNames(p.fields[name]), true
	}
	return p.Registry.FindStructFieldNames(name)
}

// FindStructFieldType returns one field of an object.
func (p *celProvider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	if fields := p.fields[name]; fields != nil {
		f, ok := fields[field]
		return f, ok
	}
	return p.Registry.FindStructFieldType(name, field)
}

// NewValue refuses to make an object.
func (p *celProvider) NewValue(name string, fields map[string]celref.Val) celref.Val {
	if strings.HasPrefix(name, "the ") {
		return types.NewErr("an expression makes no events")
	}
	return p.Registry.NewValue(name, fields)
}
