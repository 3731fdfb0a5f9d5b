package cams

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/groupguard/groupguard/internal/chat"
)

// golden says what each sample body is. said and media are of its messages when the group is taken
// from the business number, so that samples without a group show what is in them; grouped counts
// the events under the default group keys.
var golden = map[string]struct {
	name    string
	said    string // texts, joined by " | "
	media   string
	grouped int
}{
	"inbound_audio.json":                         {name: inbound, said: "File.ogg", media: "audio"},
	"inbound_button.json":                        {name: inbound, said: "STOP", media: "custom"},
	"inbound_contacts.json":                      {name: inbound, said: "Sam Roe\nSam\n+1 555-010-0007", media: "contact"},
	"inbound_document.json":                      {name: inbound, said: "price list\nprices.pdf", media: "file"},
	"inbound_document_legacy_keys.json":          {name: inbound, said: "first file\nfirst-file.pdf", media: "file"},
	"inbound_group_text_hypothetical.json":       {name: inbound, said: "hello group", grouped: 1},
	"inbound_group_text_snake_hypothetical.json": {name: inbound, said: "hello group", grouped: 1},
	"inbound_image.json":                         {name: inbound, said: "holiday", media: "image"},
	"inbound_interactive_button_reply.json":      {name: inbound, said: "Yes", media: "custom"},
	"inbound_interactive_list_reply.json":        {name: inbound, said: "Option B\nsecond", media: "custom"},
	"inbound_location.json":                      {name: inbound, said: "1 Example Road\nOffice", media: "location"},
	"inbound_order.json":                         {name: inbound, said: "please", media: "custom"},
	"inbound_plus_prefix.json":                   {name: inbound, said: "numbers with plus"},
	"inbound_quirk_double_encoded.json":          {name: inbound, said: "whole array inside a JSON string"},
	"inbound_quirk_object_message.json":          {name: inbound, said: "nested, not stringified", media: "image"},
	"inbound_quirk_single_object.json":           {name: inbound, said: "bare object"},
	"inbound_quirk_timestamp_key.json":           {name: inbound, said: "key with trailing space"},
	"inbound_reaction.json":                      {name: inbound},
	"inbound_reaction_removed.json":              {name: inbound},
	"inbound_reply_button.json":                  {name: inbound, said: "Confirm", media: "custom"},
	"inbound_sticker.json":                       {name: inbound, said: "-", media: "sticker"},
	"inbound_system_number_change.json":          {name: inbound},
	"inbound_text.json":                          {name: inbound, said: "hello everyone"},
	"inbound_text_batch.json":                    {name: inbound, said: "first | join now https://chat.whatsapp.com/ExampleInvite0001 | third"},
	"inbound_text_bsuid.json":                    {name: inbound, said: "hi from a username account"},
	"inbound_text_bsuid_only.json":               {name: inbound, said: "no phone number visible"},
	"inbound_unknown_type.json":                  {name: inbound, said: "-", media: "custom"},
	"inbound_unsupported.json":                   {name: inbound, said: "-", media: "custom"},
	"inbound_video.json":                         {name: inbound, said: "clip", media: "video"},
	"group_participants_hypothetical.json":       {name: ignored},
	"audit_phone_quality.json":                   {name: audit},
	"audit_template.json":                        {name: audit},
	"status_batch_mixed.json":                    {name: status},
	"status_delivered.json":                      {name: status},
	"status_failed.json":                         {name: status},
	"status_group_send_hypothetical.json":        {name: status},
	"status_read.json":                           {name: status},
	"status_sent.json":                           {name: status},
	"meta_group_image.json":                      {name: inbound, said: "look", media: "image", grouped: 1},
	"meta_group_message_status_aggregated.json":  {name: status},
	"meta_group_text.json":                       {name: inbound, said: "hello group", grouped: 1},
	"meta_group_text_bsuid.json":                 {name: inbound, said: "no number", grouped: 1},
	"meta_group_unsupported.json":                {name: inbound, said: "-", media: "custom", grouped: 1},
	"meta_join_request_created.json":             {name: groupUpdate},
	"meta_join_request_revoked.json":             {name: groupUpdate},
	"meta_lifecycle_create.json":                 {name: groupUpdate},
	"meta_lifecycle_create_failed.json":          {name: groupUpdate},
	"meta_lifecycle_delete.json":                 {name: groupUpdate},
	"meta_lifecycle_delete_failed.json":          {name: groupUpdate},
	"meta_participants_add.json":                 {name: groupUpdate, grouped: 1},
	"meta_participants_add_approved.json":        {name: groupUpdate, grouped: 2},
	"meta_participants_add_bsuid.json":           {name: groupUpdate, grouped: 1},
	"meta_participants_leave.json":               {name: groupUpdate, grouped: 1},
	"meta_participants_leave_outer_key.json":     {name: groupUpdate, grouped: 1},
	"meta_participants_remove_business.json":     {name: groupUpdate},
	"meta_participants_remove_failed.json":       {name: groupUpdate},
	"meta_participants_remove_partial.json":      {name: groupUpdate},
	"meta_settings_update.json":                  {name: groupUpdate},
	"meta_status_suspend.json":                   {name: groupUpdate},
	"meta_status_suspend_cleared.json":           {name: groupUpdate},
	// Answers of the API and our own answer are no pushes. They are objects, so they are let pass
	// as notices that nobody knows; nothing comes of them.
	"callback_response_ok.json":               {name: ignored},
	"api_add_invite_link_ok.json":             {name: ignored},
	"api_delete_invite_link_ok.json":          {name: ignored},
	"api_delete_participants_doc_sample.json": {name: ignored},
	"api_delete_participants_noop.json":       {name: ignored},
	"api_delete_participants_ok.json":         {name: ignored},
	"api_error_business.json":                 {name: ignored},
	"api_error_no_permission.json":            {name: ignored},
	"api_error_service_unavailable.json":      {name: ignored},
	"api_error_signature.json":                {name: ignored},
	"api_error_throttling_user.json":          {name: ignored},
	"api_list_groups.json":                    {name: ignored},
	"api_list_participants.json":              {name: ignored},
	"api_list_participants_empty.json":        {name: ignored},
	"api_send_message_ok.json":                {name: ignored},
}

func TestSamplesDecode(t *testing.T) {
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	bodies := slices.DeleteFunc(files, func(f os.DirEntry) bool { return !strings.HasSuffix(f.Name(), ".json") })
	if len(bodies) != 75 || len(golden) != 75 {
		t.Fatalf("%d samples and %d expectations, want 75 of each", len(bodies), len(golden))
	}
	for _, f := range bodies {
		t.Run(f.Name(), func(t *testing.T) {
			want, known := golden[f.Name()]
			if !known {
				t.Fatal("no expectation")
			}
			body := sample(t, f.Name())
			if d := decode(t, testWebhook(), body); d.Name != want.name || len(d.Events) != want.grouped {
				t.Errorf("default keys give %q with %d events, want %q with %d", d.Name, len(d.Events), want.name, want.grouped)
			}
			var texts, media []string
			for _, e := range decode(t, testWebhook("To"), body).Events {
				checkEvent(t, e)
				if e.Kind == chat.Message {
					texts = append(texts, firstOf(e.Text, "-"))
					media = append(media, e.Media...)
				}
			}
			if got := strings.Join(texts, " | "); got != want.said {
				t.Errorf("texts are %q, want %q", got, want.said)
			}
			if got := strings.Join(media, " "); got != want.media {
				t.Errorf("media is %q, want %q", got, want.media)
			}
		})
	}
}

// checkEvent checks what holds of every event, whatever it came from.
func checkEvent(t *testing.T, e chat.Event) {
	t.Helper()
	switch {
	case e.Provider != chat.CAMS || e.Account != testSpace || e.GroupType != chat.WhatsApp:
		t.Errorf("event is of %s %s %s", e.Provider, e.Account, e.GroupType)
	case e.Group.ID == "" || e.Member == "" || e.ID == "":
		t.Errorf("event lacks an ID: %+v", e)
	case e.At.IsZero() || e.At.After(e.Received) || !e.Received.Equal(arrival):
		t.Errorf("event is at %s, received %s", e.At, e.Received)
	case strings.HasPrefix(string(e.Member), "+"):
		t.Errorf("member %q keeps its plus sign", e.Member)
	case len(e.Text) > maxText:
		t.Errorf("text has %d bytes", len(e.Text))
	}
}

func TestQuirksDecodeToOneUsableMessage(t *testing.T) {
	for name := range golden {
		if !strings.HasPrefix(name, "inbound_quirk_") {
			continue
		}
		d := decode(t, testWebhook("To"), sample(t, name))
		if len(d.Events) != 1 {
			t.Errorf("%s gives %d events", name, len(d.Events))
			continue
		}
		e := d.Events[0]
		if e.Member != "15550100001" || e.Name != "Alex" || e.Text == "" || e.Group.ID != testBusiness {
			t.Errorf("%s gives %+v", name, e)
		}
		if !e.At.Equal(arrival.Add(-1e9)) {
			t.Errorf("%s happened at %s", name, e.At)
		}
	}
}

func TestMessagesWithoutAGroupAreCounted(t *testing.T) {
	w := testWebhook()
	decode(t, w, sample(t, "inbound_text_batch.json"))
	decode(t, w, sample(t, "inbound_group_text_hypothetical.json"))
	decode(t, w, sample(t, "status_sent.json"))
	if got := testutil.ToFloat64(w.NoGroup); got != 3 {
		t.Errorf("%v messages without a group, want 3", got)
	}
}
