package cams

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestMetaGroupUpdates(t *testing.T) {
	const stamp = "1795165200"
	for file, want := range map[string][]string{
		"meta_participants_add.json":             {"join 15550100002 j:15550100002:" + stamp},
		"meta_participants_add_approved.json":    {"join 15550100002 j:15550100002:" + stamp, "join 15550100003 j:15550100003:" + stamp},
		"meta_participants_add_bsuid.json":       {"join US.10000000000000000001 j:US.10000000000000000001:" + stamp},
		"meta_participants_leave.json":           {"leave 15550100002 l:15550100002:" + stamp},
		"meta_participants_leave_outer_key.json": {"leave 15550100002 l:15550100002:" + stamp},
		"meta_participants_remove_business.json": nil,
		"meta_group_text.json":                   {"message 15550100001 m:wamid.HBgLMTU1NTAxMDAwMDEVAgASGBQzQTRBMDAwMQA="},
		"meta_group_text_bsuid.json":             {"message US.10000000000000000001 m:wamid.HBgLMTU1NTAxMDAwMDEVAgASGBQzQTRBMDAwMgA="},
	} {
		t.Run(file, func(t *testing.T) {
			var got []string
			for _, e := range decode(t, testWebhook(), sample(t, file)).Events {
				checkEvent(t, e)
				if e.Group.ID != "ZXhhbXBsZS1tZXRhLWdyb3VwLTAwMDEZD" || !e.At.Equal(arrival.Add(-time.Second)) {
					t.Errorf("event is in %q at %s", e.Group.ID, e.At)
				}
				got = append(got, fmt.Sprintf("%s %s %s", e.Kind, e.Member, e.ID))
			}
			if strings.Join(got, ", ") != strings.Join(want, ", ") {
				t.Errorf("events are %v, want %v", got, want)
			}
		})
	}
}

func TestMetaUpdatesOfOthersAreIgnored(t *testing.T) {
	ours := sample(t, "meta_participants_add.json")
	if d := decode(t, testWebhook(), strings.ReplaceAll(ours, testBusiness, "15550100098")); len(d.Events) != 0 {
		t.Errorf("another business number gives %+v", d.Events)
	}
	if d := decode(t, testWebhook(), strings.ReplaceAll(ours, `"wa_id": "15550100002"`, `"wa_id": "`+testBusiness+`"`)); len(d.Events) != 0 {
		t.Errorf("the business number itself gives %+v", d.Events)
	}
}

func TestEnvelopesAreOpened(t *testing.T) {
	inner := push(nil)
	quoted, err := json.Marshal(inner)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"array": `{"data":` + inner + `}`, "object": `{"Data":` + strings.Trim(inner, "[]") + `}`,
		"string": `{"code":0,"data":` + string(quoted) + `}`, "items in strings": `[` + string(must(json.Marshal(strings.Trim(inner, "[]")))) + `]`,
	} {
		if d := decode(t, testWebhook(), body); len(d.Events) != 1 {
			t.Errorf("%s gives %d events", name, len(d.Events))
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func FuzzDecode(f *testing.F) {
	for name := range golden {
		f.Add([]byte(sample(f, name)))
	}
	f.Add([]byte(push(map[string]any{"Message": `{"text":"\ud800"}`})))
	f.Add([]byte(`"\"[{}]\""`))
	w := testWebhook("GroupId", "To")
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := w.Decode(nil, body, arrival)
		if err != nil {
			if len(d.Events) != 0 {
				t.Fatal("a refused body has events")
			}
			return
		}
		if !json.Valid(body) {
			t.Fatal("accepted what is not one JSON document")
		}
		for _, e := range d.Events {
			checkEvent(t, e)
			if digits(string(e.Member)) && string(e.Member) == testBusiness && !e.Trusted {
				t.Fatal("the business number is not trusted")
			}
		}
		again, err := w.Decode(nil, body, arrival)
		if err != nil || len(again.Events) != len(d.Events) {
			t.Fatal("decoding twice differs")
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	w, body := testWebhook(), []byte(push(nil))
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if d, err := w.Decode(nil, body, arrival); err != nil || len(d.Events) != 1 {
			b.Fatal(err)
		}
	}
}
