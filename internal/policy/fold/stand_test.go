package fold

import (
	"fmt"
	"testing"
)

func TestWhatIsReadAsSeveralLetters(t *testing.T) {
	for _, tc := range []struct {
		in   string
		opts Options
		want string // its own letters, and what they are read as
	}{
		{"ﬁ", Lookalike, "fi fi"},
		{"ﬁ", Case, "fi fi"},
		{"ﬁ", Width, "ﬁ ﬁ"},
		{"₨", Lookalike, "Rs Rs"},
		{"₨", Lookalike | Case, "rs rs"},
		{"⑿", Lookalike, "12 12"},
		{"ß", Case, "ss ss"},
		{"ﻻ", Lookalike, "لا لا"},
		{"е", Lookalike, "е e"},
		{"и\u0306", Lookalike, "й й"},
		{"④", Lookalike, "4 4"},
	} {
		own, as := "", ""
		for part, more := 0, true; more; part++ {
			st := ReadPart(tc.in, 0, part, tc.opts)
			own, as, more = own+string(st.Own), as+string(st.As), st.More
			if st.Size != len(tc.in) || st.Kind != Char || st.Runs {
				t.Errorf("%q: %+v", tc.in, st)
			}
		}
		if got := fmt.Sprint(own, " ", as); got != tc.want {
			t.Errorf("%q by options %b is %q, want %q", tc.in, tc.opts, got, tc.want)
		}
	}
	if past, last := ReadPart("ﬁ", 0, 9, Lookalike), ReadPart("ﬁ", 0, 1, Lookalike); past != last {
		t.Errorf("behind the last letter stands %+v", past)
	}
	if !Read("ﬀ", 0, Lookalike|Repeats).Runs || Read("ﬁ", 0, Lookalike|Repeats).Runs {
		t.Error("letters that are equal make a run, and others do not")
	}
}
