package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"pgregory.net/rapid"
)

func shipped(t testing.TB) *Rules {
	t.Helper()
	data, err := os.ReadFile("../../rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return load(t, string(data))
}

// FuzzLoad wants every file to be either taken or refused with an error that has a place.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(files, "../../rules.yaml") {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	read := func(string) ([]byte, error) { return []byte("# words\nspam\n赌博\n"), nil }
	f.Fuzz(func(t *testing.T, data []byte) {
		rules, problems := Load(Source{Name: "rules.yaml", Data: data, ReadFile: read}, testNow)
		if (rules == nil) != HasErrors(problems) {
			t.Fatalf("rules %v with problems %v", rules, problems)
		}
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.Text == "" || p.File == "" {
				t.Fatalf("a problem without a place or a text: %+v", p)
			}
		}
		if rules == nil {
			return
		}
		for _, e := range []*chat.Event{message("赌博 t.me/x free money"), join("u1")} {
			look := rules.Needs(e)
			rules.Evaluate(e, chat.Facts{Counts: make([]int, len(look.Windows))})
		}
	})
}

func TestEvaluateIsPure(t *testing.T) {
	rules := shipped(t)
	piece := rapid.SampledFrom([]string{"赌博", "打击赌博", "https://example.com/x", "t.me/+our_own_channel", "discord.gg/abcdef", "hello ",
		" казино ", "free crypto giveaway", "\u200b", "win.example.net ", "\xff"})
	rapid.Check(t, func(t *rapid.T) {
		e := message(strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "text"), ""))
		e.Member = chat.MemberID(rapid.SampledFrom([]string{"u1", "support_desk", "promo_bot_1", "8617012345678", "8617099"}).Draw(t, "member"))
		e.Kind = rapid.SampledFrom([]chat.Kind{chat.Message, chat.Join, chat.Leave}).Draw(t, "kind")
		e.Provider = rapid.SampledFrom([]chat.Provider{chat.Tencent, chat.CAMS}).Draw(t, "provider")
		e.Asked = rapid.Bool().Draw(t, "asked")
		look := rules.Needs(e)
		f := chat.Facts{JoinedAt: testNow.Add(-time.Duration(rapid.IntRange(0, 1200).Draw(t, "ago")) * time.Second)}
		for range look.Windows {
			f.Counts = append(f.Counts, rapid.IntRange(0, 25).Draw(t, "count"))
		}
		first := encode(t, look, rules.Evaluate(e, f))
		rules.Evaluate(message("something 赌博 else t.me/y"), chat.Facts{Counts: []int{9, 9, 9}})
		if second := encode(t, rules.Needs(e), rules.Evaluate(e, f)); !bytes.Equal(first, second) {
			t.Fatalf("first %s\nthen %s", first, second)
		}
	})
}

func encode(t *rapid.T, look chat.Look, d Decision) []byte {
	data, err := json.Marshal(struct {
		Look     chat.Look
		Decision Decision
	}{look, d})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestHostileFilesAreRefusedQuickly(t *testing.T) {
	for name, data := range map[string]string{
		"too large":         strings.Repeat("# comment\n", maxFile/10+1),
		"deep brackets":     "version: 1\nrules: " + strings.Repeat("[", 200_000),
		"deep braces":       strings.Repeat("{a: ", 100_000),
		"brackets within":   "version: 1\nrules: " + strings.Repeat("[", 100) + strings.Repeat("]", 100),
		"deep dashes":       strings.Repeat("- ", 200_000),
		"deep indents":      deepIndents(2000),
		"deep questions":    strings.Repeat("? ", 100_000),
		"anchors by heap":   "a: &a [x]\n" + strings.Repeat("b: *a\n", 10_000),
		"long line":         "version: " + strings.Repeat("9", 900_000),
		"many unknown keys": "version: 1\nrules: []\n" + manyKeys(20_000),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			rules, problems := Load(Source{Name: "rules.yaml", Data: []byte(data)}, testNow)
			if rules != nil || len(problems) == 0 || len(problems) > 10*maxProblems {
				t.Fatalf("rules %v, %d problems", rules, len(problems))
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func deepIndents(n int) string {
	var b strings.Builder
	for i := range n {
		if b.Len() > maxFile/2 {
			break
		}
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("k", i%7+1) + strings.Repeat("x", i%11) + "_" + time.Duration(i).String() + ": 1\n")
	}
	return b.String()
}

func TestListFiles(t *testing.T) {
	rules := func(file string) (*Rules, []Problem) {
		return Load(Source{
			Name: "rules.yaml",
			Data: []byte("version: 1\nlists: {bad: {kind: domain, values: [a.example], file: lists/bad.txt}}\n" +
				"rules: [{id: r, on: message, mode: enforce, when: {link: {domain_in: bad}}, then: [remove: {}]}]\n"),
			ReadFile: func(name string) ([]byte, error) {
				if name != "lists/bad.txt" {
					return nil, errors.New("no such file")
				}
				return []byte(file), nil
			},
		}, testNow)
	}
	r, problems := rules("\ufeff# comment\r\n\r\n b.example \r\nc.example")
	if r == nil {
		t.Fatal(problems)
	}
	for host, want := range map[string]bool{"a.example": true, "b.example": true, "x.c.example": true, "d.example": false} {
		if removed(r, message("https://"+host), chat.Facts{}) != want {
			t.Errorf("%s: removed %t", host, !want)
		}
	}
	other, _ := rules("b.example")
	if len(r.Files()) != 1 || r.Files()[0] != "lists/bad.txt" || len(r.Hash()) != 12 || r.Hash() == other.Hash() {
		t.Errorf("files %v, hashes %s and %s", r.Files(), r.Hash(), other.Hash())
	}
	for file, want := range map[string]string{
		"ok.example\nnot a domain\n":  "lists/bad.txt:2:1: error: ",
		"ok.example\n\xff\xfe\n":      "lists/bad.txt:2:1: error: ",
		"# nothing\n":                 "rules.yaml:2:56: error: ",
		strings.Repeat("x", 100_000):  "rules.yaml:2:56: error: ",
		strings.Repeat("x\n", 9<<20):  "rules.yaml:2:56: error: ",
		"ok.example\nhttps://a.com/x": "lists/bad.txt:2:1: error: ",
	} {
		r, problems := rules(file)
		if r != nil || !strings.HasPrefix(problems[0].String(), want) {
			t.Errorf("%.20q: %v", file, problems)
		}
	}
}
