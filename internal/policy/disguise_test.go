package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/groupguard/groupguard/internal/chat"
)

// everything is a rule's see_through with all that there is.
const everything = "[width, case, invisible, lookalike, spacing, leet, repeats]"

// hunting returns rules that look for the words, seeing through the given disguises.
func hunting(t testing.TB, through, more string, words ...string) *Rules {
	t.Helper()
	return load(t, fmt.Sprintf("version: 1\nrules:\n  - {id: r, on: message, mode: enforce, when: {text: {has_any: %s, see_through: %s%s}}, then: [remove: {}]}\n",
		strings.ReplaceAll(fmt.Sprintf("%q", words), `" "`, `", "`), through, more))
}

// foundIn returns the stretches of the text that the first rule's condition found.
func foundIn(r *Rules, s string) []string { return foundBy(r, 0, s) }

// foundBy returns those that the condition of the rule of a number found.
func foundBy(r *Rules, rule int, s string) []string {
	x := r.Examine(message(s))
	defer x.Release()
	var out []string
	for _, at := range r.rules[rule].when.spans(x, nil) {
		out = append(out, s[at.start:at.end])
	}
	return out
}

func TestSeesThrough(t *testing.T) {
	for _, tc := range []struct{ word, text, found string }{
		{"casino", "visit CaSiNo now", "CaSiNo"},
		{"casino", "ｃａｓｉｎｏ", "ｃａｓｉｎｏ"},
		{"casino", "ca\u200bsi\u2060no bonus", "ca\u200bsi\u2060no"},
		{"casino", "cаsіnо bonus", "cаsіnо"},
		{"casino", "𝐜𝒶𝔰𝖎𝚗𝐨", "𝐜𝒶𝔰𝖎𝚗𝐨"},
		{"casino", "🇨🇦🇸🇮🇳🇴 here", "🇨🇦🇸🇮🇳🇴"},
		{"casino", "ⓒⓐⓢⓘⓝⓞ", "ⓒⓐⓢⓘⓝⓞ"},
		{"casino", "ᴄᴀꜱɪɴᴏ", "ᴄᴀꜱɪɴᴏ"},
		{"casino", "c̸a̶s̷i̵n̴o̸!", "c̸a̶s̷i̵n̴o"},
		{"casino", "c a s i n o", "c a s i n o"},
		{"casino", "a c.a.s.i.n.o.", "c.a.s.i.n.o"},
		{"casino", "c-a-s-i-n-o", "c-a-s-i-n-o"},
		{"casino", "c\na\ns\ni\nn\no", "c\na\ns\ni\nn\no"},
		{"casino", "c🔥a🔥s🔥i🔥n🔥o", "c🔥a🔥s🔥i🔥n🔥o"},
		{"casino", "c!a!s!i!n!o", "c!a!s!i!n!o"},
		{"casino", "c4$!n0!", "c4$!n0"},
		{"casino", "c @ s 1 n 0", "c @ s 1 n 0"},
		{"casino", "caaasinoooo", "caaasinoooo"},
		{"casino", "topic casino", "casino"},
		{"casino", "c casino", "casino"},
		{"casino", "с.4.ｓ.ⅰ.n.0", "с.4.ｓ.ⅰ.n.0"},
		{"casino", "@casino, a@casino.com", "casino|casino"},
		{"казино", "казинo", "казинo"},
		{"казино", "КАЗИHО", "КАЗИHО"},
		{"казино", "к а з и н о", "к а з и н о"},
		{"казино", "к_а_з_и_н_о", "к_а_з_и_н_о"},
		{"казино", "казиииино", "казиииино"},
		{"казино", "к4зин0, ка3ино", "к4зин0|ка3ино"},
		{"казино", "к@зин0, ка3ино", "к@зин0|ка3ино"},
		{"казино", "каз\u0301ино", "каз\u0301ино"},
		{"секс", "CEKC", "CEKC"},
		{"赌博", "来 赌 博 吧", "赌 博"},
		{"赌博", "赌*博", "赌*博"},
		{"赌博", "快来赌赌博", "赌赌博"},
		{"赌博", "赌\u200b博", "赌\u200b博"},
		{"赌博", "赌\n博", "赌\n博"},
		{"赌博网", "赌。博。网", "赌。博。网"},
		{"قمار", "قـمـار قِمَار ق م ا ر", "قـمـار|قِمَار|ق م ا ر"},
		{"free money", "f r e e m o n e y", "f r e e m o n e y"},
		{"free money", "free-money FREE   MONEY fr33 m0n3y", "free-money|FREE   MONEY|fr33 m0n3y"},
		{"top casino", "t o p c a s i n o t.o.p.p.o", "t o p c a s i n o"},
		{"pic casino", "p i c c a s i n o", "p i c c a s i n o"},
		{"paypal", "PayPaI", "PayPaI"},
		{"кровь", "к.р.о.в.ь", "к.р.о.в.ь"},
		{"νίκη", "ΝΙΚΗ νίκη Νίκη", "ΝΙΚΗ|νίκη|Νίκη"},
		{"hello", "ΗELLO", "ΗELLO"},
		{"casino", "cαѕιησ", "cαѕιησ"},
		{"188bet", "l88bet 188 bet 1 8 8 b e t 188ＢЕT", "1 8 8 b e t|188ＢЕT"},
		{"straße", "STRASSE strasse straße", "STRASSE|strasse|straße"},
		{"finance", "ﬁnance", "ﬁnance"},
		{"18+", "18+, 18, 218+, 18 ++", "18|18"},
		{"🔥 sale", "🔥️ SALE, sale, 🔥s.a.l.e", "SALE|s.a.l.e"},
		{"«казино»", "казино «КАЗИНО»", "КАЗИНО"},
	} {
		if got := strings.Join(foundIn(hunting(t, everything, "", tc.word), tc.text), "|"); got != tc.found {
			t.Errorf("%q in %q: found %q, want %q", tc.word, tc.text, got, tc.found)
		}
	}
}

func TestDoesNotSeeWhatIsNotThere(t *testing.T) {
	for _, tc := range []struct{ word, text string }{
		{"casino", "basic as in orange"},
		{"casino", "I see c as in o"},
		{"casino", "casinos"},
		{"казино", "он каз и но"},
		{"赌博", "他打赌。博士来了"},
		{"赌博", "他打赌，博士来了"},
		{"赌博", "打赌\n博士"},
		{"book", "bok"},
		{"казино", "касино"},
		{"188", "iбб iBB 1 88"},
		{"188", "1-8-8"},
		{"188", "1888 18"},
		{"sos", "phone 505"},
		{"hell", "he'll come"},
		{"ball", "bail BAIL"},
		{"mall", "mail MAIL"},
		{"сор", "cop"},
		{"мат", "mat"},
		{"free money", "sugar free. Money is tight"},
		{"free money", "freemoney"},
		{"ку", "я к у"},
		{"us", "we love 🇺🇸"},
		{"taxi", "what a tax!"},
		{"赌博", "赌咒 赌 气博"},
		{"도박", "돈도 박사"},
		{"сено", "сёно"},
		{"майка", "маика"},
		{"ຫມາ", "ຫມ"},
	} {
		if got := foundIn(hunting(t, everything, "", tc.word), tc.text); got != nil {
			t.Errorf("%q in %q: found %q", tc.word, tc.text, got)
		}
	}
}

func TestOneEventIsJudged(t *testing.T) {
	r := hunting(t, everything, "", "casino")
	if !removed(r, message("с.4.ｓ.ⅰ.n.0"), chat.Facts{}) || removed(r, message("basic as in orange"), chat.Facts{}) {
		t.Error("the condition does not decide")
	}
}
