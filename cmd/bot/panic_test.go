package main

import (
	"context"
	"testing"
)

// A command that panics must not end as one that has done its work.
func TestAPanicIsNoSuccess(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("the panic was swallowed")
		}
	}()
	code := run(context.Background(), []string{"version"}, process{}) // there is nothing to print to
	t.Errorf("exit code %d", code)
}
