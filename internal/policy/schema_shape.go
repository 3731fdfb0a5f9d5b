package policy

import "strconv"

// schema says what a value looks like.
func (s shape) schema() schemaNode {
	if s.make != nil {
		s = s.make()
	}
	switch s.kind {
	case anyOfThese:
		var of []schemaNode
		for _, one := range s.shapes {
			of = append(of, one.schema())
		}
		return schemaNode{"anyOf": of}
	case notWhole:
		return schemaNode{"type": scalars(), "minLength": 1, "not": schemaNode{"type": "integer"}}
	case oneWord:
		return schemaNode{"enum": s.choices()}
	case wholeNum:
		return schemaNode{"type": "integer", "minimum": s.lo, "maximum": s.hi}
	case trueFalse:
		return schemaNode{"type": "boolean"}
	case timeSpan:
		return ref("duration")
	case percentage:
		return ref("percent")
	case dateTime:
		return ref("date")
	case theList:
		of := []schemaNode{ref("name")}
		for _, kind := range s.lists {
			of = append(of, schemaNode{"type": "array", "minItems": 1, "items": ref(entryDef(kind))})
		}
		return schemaNode{"anyOf": of}
	case someOf:
		return schemaNode{"anyOf": []schemaNode{s.of.schema(), s.array()}}
	case listOf:
		return s.array()
	case namedMap:
		return schemaNode{"type": "object", "propertyNames": schemaNode{"pattern": namePattern}, "additionalProperties": s.of.schema()}
	case mapOf, conditions, ownList, intentItem:
		return s.object()
	}
	if s.pattern != "" {
		return schemaNode{"type": scalars(), "pattern": s.pattern, "minLength": 1}
	}
	return ref("text")
}

// choices are the words, and the numbers among them once more as numbers.
func (s shape) choices() []any {
	var out []any
	for _, w := range s.words {
		if n, err := strconv.Atoi(w); err == nil {
			out = append(out, n)
		}
		out = append(out, w)
	}
	return out
}

func (s shape) array() schemaNode {
	a := schemaNode{"type": "array", "items": s.of.schema()}
	if !s.empty {
		a["minItems"] = 1
	}
	return a
}

// object says what keys a map has.
func (s shape) object() schemaNode {
	properties, required := schemaNode{}, []string{}
	for _, f := range s.keys {
		if f.read == nil {
			continue
		}
		properties[f.name] = described(f.is.schema(), f.doc)
		if f.need {
			required = append(required, f.name)
		}
	}
	o := schemaNode{"type": "object", "properties": properties, "additionalProperties": false}
	switch s.kind {
	case conditions:
		addConditions(properties, s.still)
	case intentItem:
		o["oneOf"] = requiring(addIntents(properties)...)
	case ownList:
		o["anyOf"] = requiring("values", "file")
		o["allOf"] = byKind()
	}
	if len(required) > 0 {
		o["required"] = required
	}
	s.rule.add(o, s.still)
	return o
}

// add says which keys go together.
func (k keyRule) add(o schemaNode, still bool) {
	some := k.some
	if k.condition {
		some = addConditions(schemaNode{}, still)
	}
	if len(k.one) > 0 {
		o["oneOf"] = requiring(k.one...)
	}
	if len(some) > 0 {
		o["anyOf"] = requiring(some...)
	}
	if len(k.needs) > 0 {
		o["dependentRequired"] = k.needs
	}
	if k.filled {
		o["minProperties"] = 1
	}
}

func requiring(keys ...string) []schemaNode {
	var of []schemaNode
	for _, k := range keys {
		of = append(of, schemaNode{"required": []string{k}})
	}
	return of
}

// addConditions adds the keys of the conditions, and returns them. Where none may count, none within
// all may either.
func addConditions(properties schemaNode, still bool) []string {
	var names []string
	for _, k := range conditionKinds() {
		def := "condition_" + k.name
		switch {
		case k.read == nil, still && (k.name == "count" || k.name == "same_text"):
			continue
		case still && k.name == "all":
			def = "condition_any"
		}
		properties[k.name] = ref(def)
		names = append(names, k.name)
	}
	return names
}

// addIntents adds the keys of all intents, and returns them.
func addIntents(properties schemaNode) []string {
	var names []string
	for _, k := range intentKinds() {
		properties[k.name] = ref("intent_" + k.name)
		names = append(names, k.name)
	}
	return names
}

// byKind says what the values of a list look like by its kind.
func byKind() []schemaNode {
	var of []schemaNode
	for _, kind := range listKinds() {
		of = append(of, schemaNode{
			"if":   schemaNode{"properties": schemaNode{"kind": schemaNode{"const": kind}}, "required": []string{"kind"}},
			"then": schemaNode{"properties": schemaNode{"values": schemaNode{"items": ref(entryDef(kind))}}},
		})
	}
	return of
}
