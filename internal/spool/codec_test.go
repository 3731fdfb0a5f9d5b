package spool

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/groupguard/groupguard/internal/chat"
)

// fill sets every field to something drawn, so that a field that is added to chat.Event and forgotten
// here is found.
func fill(t *rapid.T, v reflect.Value, name string) {
	anyBytes := rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })
	text := rapid.OneOf(rapid.String(), anyBytes, rapid.SampledFrom([]string{"", "<&>\u2028\x00", "\xff[", `["x"]`, "\ufffd"}))
	switch v.Interface().(type) {
	case time.Time:
		at := time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, name), rapid.Int64Range(0, 999_999_999).Draw(t, name))
		v.Set(reflect.ValueOf(rapid.SampledFrom([]time.Time{{}, at}).Draw(t, name)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text.Draw(t, name))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, name))
	case reflect.Slice:
		if rapid.Bool().Draw(t, name) {
			return
		}
		n := rapid.IntRange(0, 3).Draw(t, name)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i), name)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), v.Type().Field(i).Name)
		}
	default:
		t.Fatalf("%s is a %s: say here how it is drawn, and see that the codec keeps it", name, v.Kind())
	}
}

func TestEveryFieldOfAnEventComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var e chat.Event
		fill(t, reflect.ValueOf(&e).Elem(), "event")
		body, err := encode(&e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decode(body)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []*time.Time{&e.At, &e.Received, &e.JoinedAt, &got.At, &got.Received, &got.JoinedAt} {
			*at = at.UTC()
		}
		if !reflect.DeepEqual(e, got) {
			t.Fatalf("wrote %#v\nread  %#v\nas %s", e, got, body)
		}
	})
}

func TestAnEntryIsBounded(t *testing.T) {
	e := chat.Event{Text: strings.Repeat("<", maxEntry/2)}
	if body, err := encode(&e); err != nil || len(body) > maxEntry/2+1000 {
		t.Errorf("%d bytes, %v: brackets need no room of their own", len(body), err)
	}
	e.Text = strings.Repeat("x", maxEntry)
	if _, err := encode(&e); err == nil {
		t.Error("an entry without bound")
	}
}

func FuzzDecode(f *testing.F) {
	body, err := encode(&chat.Event{At: time.Unix(1, 2), Text: "\xff", Media: []string{"image"}, Asked: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Add([]byte(`{"v":1,"text":["!"]}`))
	f.Add([]byte(`{"v":2}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := decode(body)
		if err != nil {
			return
		}
		again, err := encode(&e)
		if err != nil {
			return // larger than any entry
		}
		if got, err := decode(again); err != nil || !reflect.DeepEqual(e, got) {
			t.Errorf("%#v\n%#v, %v", e, got, err)
		}
	})
}
