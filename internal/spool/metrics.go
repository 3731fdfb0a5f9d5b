package spool

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// scrapeTimeout bounds what a scrape waits for the disk.
const scrapeTimeout = time.Second

type metrics struct {
	spooled, judged, refused, givenUp prometheus.Counter
}

// gauge is what the metrics ask of a disk.
type gauge interface {
	Depth() Depth
	Oldest(ctx context.Context) (time.Time, error)
}

// RegisterNone registers the metrics of a spool that there is not: they are zero.
func RegisterNone(reg prometheus.Registerer) { newMetrics(reg, none{}, time.Now) }

type none struct{}

func (none) Depth() Depth                              { return Depth{} }
func (none) Oldest(context.Context) (time.Time, error) { return time.Time{}, nil }

func newMetrics(reg prometheus.Registerer, disk gauge, now func() time.Time) *metrics {
	events := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "groupguard_spool_events_total",
		Help: "Events that were written to the spool, judged from it, refused because it could not take them, or given up.",
	}, []string{"outcome"})
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("groupguard_"+name, help, nil, nil)
	}
	reg.MustRegister(events, &collector{
		disk: disk, now: now,
		entries:  desc("spool_entries", "Accepted events that wait on disk to be judged."),
		bytes:    desc("spool_bytes", "Bytes that the events in the spool take up."),
		capacity: desc("spool_capacity_bytes", "Bytes that the events in the spool may take up."),
		age:      desc("spool_oldest_age_seconds", "Age of the oldest event in the spool; 0 when there is none."),
	})
	return &metrics{
		spooled: events.WithLabelValues("spooled"), judged: events.WithLabelValues("judged"),
		refused: events.WithLabelValues("refused"), givenUp: events.WithLabelValues("given_up"),
	}
}

// collector asks the disk at each scrape.
type collector struct {
	disk                          gauge
	now                           func() time.Time
	entries, bytes, capacity, age *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.entries
	ch <- c.bytes
	ch <- c.capacity
	ch <- c.age
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	d := c.disk.Depth()
	ch <- prometheus.MustNewConstMetric(c.entries, prometheus.GaugeValue, float64(d.Entries))
	ch <- prometheus.MustNewConstMetric(c.bytes, prometheus.GaugeValue, float64(d.Bytes))
	ch <- prometheus.MustNewConstMetric(c.capacity, prometheus.GaugeValue, float64(d.Most))
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	oldest, err := c.disk.Oldest(ctx)
	if err != nil {
		return // the age is absent while the disk cannot be asked
	}
	age := 0.0
	if !oldest.IsZero() {
		age = max(0, c.now().Sub(oldest).Seconds())
	}
	ch <- prometheus.MustNewConstMetric(c.age, prometheus.GaugeValue, age)
}
