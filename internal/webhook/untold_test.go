package webhook

import (
	"testing"
	"time"
)

func TestOneLineASecondTellsOfWhatIsNotStored(t *testing.T) {
	var u untold
	lines, told := 0, int64(0)
	for i := range 3000 {
		if left, ok := u.allow(time.Unix(1000, 0).Add(time.Duration(i) * time.Millisecond)); ok {
			lines++
			told += left + 1
		}
	}
	if lines != 3 || told != 2001 {
		t.Errorf("%d lines tell of %d", lines, told)
	}
}
