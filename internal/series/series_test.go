package series

import (
	"fmt"
	"maps"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"pgregory.net/rapid"
)

func counters(most int) *Counters {
	return New(prometheus.CounterOpts{Name: "things_total", Help: "Things."}, []string{"thing"}, most)
}

// shown returns the counters that a scrape sees, by thing.
func shown(t interface{ Fatal(...any) }, c *Counters) map[string]float64 {
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(c)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			out[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
		}
	}
	return out
}

func only(things ...string) (out [][]string) {
	for _, thing := range things {
		out = append(out, []string{thing})
	}
	return out
}

func TestWhatIsInForceStartsAtZero(t *testing.T) {
	c := counters(2)
	c.Keep(only("a", "b"))
	if got := shown(t, c); !maps.Equal(got, map[string]float64{"a": 0, "b": 0}) {
		t.Errorf("got %v", got)
	}
}

func TestWhoLeavesIsShownAndGoesOnAfterwards(t *testing.T) {
	c := counters(2)
	c.Keep(only("a"))
	c.WithLabelValues("a").Add(3)
	c.Keep(only("b"))
	if got := shown(t, c); !maps.Equal(got, map[string]float64{"a": 3, "b": 0}) {
		t.Errorf("once it left: %v", got)
	}
	c.Keep(only("a"))
	c.WithLabelValues("a").Inc()
	if n := testutil.ToFloat64(c.WithLabelValues("a")); n != 4 {
		t.Errorf("once it was back: %v", n)
	}
}

func TestTheLongestGoneIsForgotten(t *testing.T) {
	c := counters(2)
	for _, thing := range []string{"a", "b", "c", "d"} {
		c.Keep(only(thing))
		c.WithLabelValues(thing).Inc()
	}
	if got := shown(t, c); !maps.Equal(got, map[string]float64{"b": 1, "c": 1, "d": 1}) {
		t.Errorf("got %v", got)
	}
}

// Whatever is kept and counted: what is in force is shown with all that was counted since it came, and
// no more than the bound beside it.
func TestCountersAreBoundedAndLoseNothingInForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 3).Draw(t, "most")
		c := counters(most)
		inForce, since := map[string]bool{}, map[string]float64{}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			thing := fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "thing"))
			if rapid.Bool().Draw(t, "count") {
				c.WithLabelValues(thing).Inc()
				if inForce[thing] {
					since[thing]++
				}
			} else {
				things := rapid.SliceOfNDistinct(rapid.StringMatching(`[0-9]`), 0, 5, rapid.ID).Draw(t, "kept")
				was := inForce
				inForce = map[string]bool{}
				for _, thing := range things {
					inForce[thing] = true
					if !was[thing] {
						since[thing] = 0
					}
				}
				c.Keep(only(things...))
			}
			got := shown(t, c)
			if len(got) > len(inForce)+most {
				t.Fatalf("%d series, %d in force and %d may have left", len(got), len(inForce), most)
			}
			for thing := range inForce {
				if n, ok := got[thing]; !ok || n < since[thing] {
					t.Fatalf("%s shows %v (%t), counted %v since it is in force", thing, n, ok, since[thing])
				}
			}
		}
	})
}
