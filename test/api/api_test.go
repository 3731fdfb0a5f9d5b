package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// operation is one of the file.
type operation struct {
	path, method string
	what         map[string]any
	file         *file
}

func (f *file) operations() []operation {
	var out []operation
	paths := f.doc["paths"].(map[string]any)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		methods := paths[path].(map[string]any)
		for _, method := range slices.Sorted(maps.Keys(methods)) {
			out = append(out, operation{path, method, methods[method].(map[string]any), f})
		}
	}
	return out
}

func (o *operation) needsToken() bool { return o.what["security"] != nil }

// address is the path with the examples of the parameters.
func (o *operation) address(t *testing.T) string {
	t.Helper()
	path, q := o.path, url.Values{}
	list, _ := o.what["parameters"].([]any)
	for i := range list {
		p := list[i].(map[string]any)
		if ref, ok := p["$ref"].(string); ok {
			found, _ := o.file.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
			p = found.(map[string]any)
		}
		name, example := p["name"].(string), p["example"]
		if example == nil {
			t.Fatalf("%s %s: %s has no example", o.method, o.path, name)
		}
		values, many := example.([]any)
		if !many {
			values = []any{example}
		}
		for _, v := range values {
			if p["in"] == "path" {
				path = strings.ReplaceAll(path, "{"+name+"}", fmt.Sprint(v))
				continue
			}
			q.Add(name, fmt.Sprint(v))
		}
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

// body is the example of the request, which fits its own schema.
func (o *operation) body(t *testing.T) (media string, data []byte) {
	t.Helper()
	content, pointer := o.file.at("paths", o.path, o.method, "requestBody", "content")
	bodies, _ := content.(map[string]any)
	for media = range bodies {
		example := bodies[media].(map[string]any)["example"]
		if err := o.file.schema(t, append(slices.Clone(pointer), media, "schema")).Validate(example); err != nil {
			t.Errorf("%s %s: the example: %v", o.method, o.path, err)
		}
		switch media {
		case "application/json":
			data, _ = json.Marshal(example) // it was JSON
			return media, data
		case "multipart/form-data":
			var b bytes.Buffer
			form := multipart.NewWriter(&b)
			for name, text := range example.(map[string]any) {
				w, _ := form.CreateFormField(name) // into memory
				_, _ = w.Write([]byte(text.(string)))
			}
			_ = form.Close()
			return form.FormDataContentType(), b.Bytes()
		}
		return media, []byte(example.(string))
	}
	return "", nil
}

// Every operation of the file is asked for with the file's own examples, and every answer, good or bad,
// is one that the file describes.
func TestABotAnswersAsTheFileSays(t *testing.T) {
	f, b := readFile(t), start(t)
	b.doomed(t)
	b.say(t, "casino", 1)
	b.until(t, "/api/v1/dead", `"casino"`)
	for _, o := range f.operations() {
		address := o.address(t)
		media, body := o.body(t)
		try := func(name, method, address, media string, body []byte, auth string, want int) {
			t.Helper()
			a := b.ask(t, method, address, media, body, auth)
			if want != 0 && a.status != want {
				t.Errorf("%s %s %s: got %d %s", name, method, address, a.status, a.body)
				return
			}
			f.fits(t, o.path, o.method, strconv.Itoa(a.status), a)
		}
		method := strings.ToUpper(o.method)
		good := http.StatusOK
		if strings.Contains(o.path, "{") || o.path == "/api/v1/spool" {
			good = http.StatusNotFound // the example is nobody's; an embedded store has no spool
		}
		try("the example", method, address, media, body, token, good)
		if !o.needsToken() {
			continue
		}
		try("without a token", method, address, media, body, "", http.StatusUnauthorized)
		try("with another token", method, address, media, body, token[1:], http.StatusUnauthorized)
		if o.path == "/-/reload" {
			continue
		}
		try("with a parameter too many", method, o.path+"?nonsense=1", media, body, token, http.StatusBadRequest)
		if media == "" {
			continue
		}
		try("with another media type", method, address, "text/plain", body, token, http.StatusUnsupportedMediaType)
		if media == "application/json" {
			try("with a key too many", method, address, media, []byte(`{"nonsense":1}`), token, http.StatusBadRequest)
			try("with nothing", method, address, media, nil, token, http.StatusBadRequest)
			try("with too much", method, address, media, bytes.Repeat([]byte(" "), 65<<10), token, http.StatusRequestEntityTooLarge)
		}
	}
}

// What the examples do not come to: answers with something in them, and refusals.
func TestAnswersWithSomethingInThem(t *testing.T) {
	f, b := readFile(t), start(t)
	b.doomed(t)
	b.say(t, "casino royale", 1)
	b.until(t, "/api/v1/dead", `"casino"`)
	list := b.until(t, "/api/v1/cases", `"casino"`)
	f.fits(t, "/api/v1/cases", "get", "200", list)
	f.fits(t, "/api/v1/dead", "get", "200", b.until(t, "/api/v1/dead", `"casino"`))
	var cases struct{ Cases []struct{ Code string } }
	if err := json.Unmarshal(list.body, &cases); err != nil || len(cases.Cases) == 0 {
		t.Fatalf("%v: %s", err, list.body)
	}
	code := cases.Cases[0].Code
	const jsonMedia, yamlMedia = "application/json", "application/yaml"
	broken := strings.Replace(rules, "mode: enforce", "mode: enforced", 1)
	for _, tt := range []struct {
		path, method, address, media, body string
		status                             int
		holds                              string
	}{
		{"/api/v1/cases/{id}", "get", "/api/v1/cases/" + code, "", "", 200, `"text":"casino royale"`},
		{"/api/v1/pause", "post", "/api/v1/pause", jsonMedia, `{"rule":"casino","group":"tencent:@TGS#1"}`, 200, `"by":"operator"`},
		{"/api/v1/pause", "post", "/api/v1/pause", jsonMedia, `{"why":"all of it"}`, 200, `"pause":`},
		{"/api/v1/pauses", "get", "/api/v1/pauses", "", "", 200, `"all of it"`},
		{"/api/v1/rules", "get", "/api/v1/rules", "", "", 200, `"by":"operator"`},
		{"/api/v1/rules/check", "post", "/api/v1/rules/check", yamlMedia, broken, 200, `"severity":"error"`},
		{"/api/v1/rules/check", "post", "/api/v1/rules/check", yamlMedia, rules, 200, `"hash":"`},
		{"/api/v1/resume", "post", "/api/v1/resume", jsonMedia, `{"all":true}`, 200, `"lifted":[{`},
		{"/api/v1/undo", "post", "/api/v1/undo", jsonMedia, `{"case":"` + code + `","preview":true}`, 200, `"cases":[{`},
		{"/api/v1/undo", "post", "/api/v1/undo", jsonMedia, `{"case":"` + code + `"}`, 400, `preview`},
		{"/api/v1/dead/requeue", "post", "/api/v1/dead/requeue", jsonMedia, `{}`, 400, `nothing is selected`},
		{"/api/v1/doctor", "get", "/api/v1/doctor", "", "", 200, `"running":true`},
	} {
		a := b.ask(t, strings.ToUpper(tt.method), tt.address, tt.media, []byte(tt.body), token)
		if a.status != tt.status || !strings.Contains(string(a.body), tt.holds) {
			t.Errorf("%s %s %s: got %d %s", tt.method, tt.address, tt.body, a.status, a.body)
		}
		f.fits(t, tt.path, tt.method, strconv.Itoa(tt.status), a)
		if strings.Contains(string(a.body), b.settings["BOT_TENCENT_SECRET_KEY"]) || strings.Contains(string(a.body), token) {
			t.Errorf("%s %s: the answer holds a secret", tt.method, tt.address)
		}
	}
	if err := os.WriteFile(b.rules, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/-/reload", "/api/v1/reload"} {
		a := b.ask(t, http.MethodPost, path, "", nil, token)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s of broken rules: %d %s", path, a.status, a.body)
		}
		f.fits(t, path, "post", "422", a)
	}
	f.fits(t, "/api/v1/rules", "get", "200", b.until(t, "/api/v1/rules", `"reload_refused":true`))
	f.fits(t, "/api/v1/doctor", "get", "200", b.until(t, "/api/v1/doctor?offline=true", "was read again and refused"))
}
