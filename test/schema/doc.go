// Package schema proves that the JSON Schema of rules files and the loader agree, with a validator and
// an editor's language server that are not ours. Both are too much for the product's own module.
package schema
