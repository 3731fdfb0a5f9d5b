package spool

import (
	"reflect"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

func TestAnOutlineSaysWhoAndNothingOfWhatWasSaid(t *testing.T) {
	e := said("g", "e1")
	want := chat.Event{Group: e.Group, ID: e.ID, Kind: e.Kind, Member: e.Member}
	e.Name, e.Media, e.Files, e.Mentions, e.Inviter = "Bobby", []string{"photo"}, []string{"plan.pdf"}, []string{"ann"}, "cat"
	body, err := encode(&e)
	if got := Outline(body); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%#v, %v, want %#v", got, err, want)
	}
	for name, body := range map[string]string{"gone": "", "rubbish": "rubbish", "another version's": `{"v":9,"member":"bob"}`} {
		if got := Outline([]byte(body)); !reflect.DeepEqual(got, chat.Event{}) {
			t.Errorf("%s: %#v", name, got)
		}
	}
}
