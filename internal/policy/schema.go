package policy

import "encoding/json"

// Patterns of texts, as an editor checks them. None refuses what the loader takes.
const (
	namePattern     = "^[a-z0-9_-]{1,64}$"
	durationPattern = `^([0-9]+d)?([+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)?$`
	percentPattern  = `^[0-9]+(\.[0-9]+)?%$`
	datePattern     = `^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.,][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2}))?$`
	phonePattern    = `^\s*\+?[-0-9 ().]*[0-9][-0-9 ().]*$`
	domainPattern   = `^\*?[^/:@?# *%\\]+$`
)

// schemaNode is a piece of JSON Schema.
type schemaNode = map[string]any

// Schema returns a JSON Schema (draft 2020-12) of rules.yaml, made from the tables that the loader
// reads by. It knows the structure of the file: what depends on other parts of it, such as whether a
// list exists, only the loader can tell.
func Schema() []byte {
	l := &loader{out: &Rules{}, cur: &ruleContext{rule: &rule{}}}
	defs := schemaNode{
		"duration": schemaNode{"type": "string", "pattern": durationPattern, "minLength": 2, "description": "A length of time, such as 10s, 5m, 12h, 7d."},
		"percent":  schemaNode{"type": "string", "pattern": percentPattern, "description": "A share, such as 85%."},
		"date":     schemaNode{"type": "string", "pattern": datePattern, "description": "A day such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z."},
		"text":     schemaNode{"type": scalars(), "minLength": 1},
		"name":     schemaNode{"type": scalars(), "pattern": namePattern},
	}
	for _, kind := range listKinds() {
		defs[entryDef(kind)] = entrySchema(kind)
	}
	for _, k := range conditionKinds() {
		if k.read == nil {
			continue
		}
		s := schemaNode{"type": "object"}
		if k.is != nil {
			s = k.is(l).schema()
		}
		defs["condition_"+k.name] = described(s, k.doc)
	}
	for _, k := range intentKinds() {
		s := schemaNode{"type": "object"}
		if k.is != nil {
			s = k.is(l).schema()
			if _, needs := s["required"]; !needs && s["anyOf"] == nil {
				s["type"] = []string{"object", "null"} // an intent without keys needs no braces
			}
		}
		defs["intent_"+k.name] = described(s, k.doc)
	}
	root := keyed(l.rootKeys(&sections{})...).schema()
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Rules of Groupguard"
	root["$defs"] = defs
	data, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // maps of texts and numbers can always be written
	}
	return append(data, '\n')
}

func described(s schemaNode, doc string) schemaNode {
	if doc != "" {
		s["description"] = doc
	}
	return s
}

// scalars are the types of what may stand where a text is meant: YAML takes 86170 for a number, and
// the loader for the text that it is written as.
func scalars() []string { return []string{"string", "number", "boolean"} }

func ref(def string) schemaNode { return schemaNode{"$ref": "#/$defs/" + def} }

func entryDef(kind string) string { return "entry_" + kind }

// entrySchema is what an entry of a list looks like. Numbers are refused where a + is easily lost.
func entrySchema(kind string) schemaNode {
	switch kind {
	case domainList:
		return schemaNode{"type": "string", "pattern": domainPattern, "description": "A domain; subdomains are included."}
	case phoneList, prefixList:
		return schemaNode{"type": "string", "pattern": phonePattern, "description": "A phone number in quotes."}
	case memberList:
		return schemaNode{"type": scalars(), "minLength": 1, "description": "An ID, tencent:ID or cams:NUMBER."}
	case regexList:
		return schemaNode{"type": scalars(), "minLength": 1, "description": "A regular expression of RE2."}
	}
	return schemaNode{"type": scalars(), "minLength": 1}
}
