package app

import (
	"context"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/groupguard/groupguard/internal/store"
)

// scrapeTimeout bounds what a scrape waits for the store.
const scrapeTimeout = time.Second

// newRegistry returns a registry with the metrics of the process itself.
func newRegistry(version string) *prometheus.Registry {
	reg := prometheus.NewRegistry()
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "groupguard_build_info",
		Help:        "A constant 1, labelled by what is running.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
	})
	info.Set(1)
	reg.MustRegister(info, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return reg
}

// queueCollector asks the store for the queue's depth at each scrape.
type queueCollector struct {
	store                      store.Store
	entries, age, letter, held *prometheus.Desc
}

func newQueueCollector(s store.Store) *queueCollector {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("groupguard_"+name, help, nil, nil)
	}
	return &queueCollector{
		store:   s,
		entries: desc("queue_entries", "Accepted actions that have not ended."),
		age:     desc("queue_oldest_age_seconds", "Age of the oldest accepted action that has not ended; 0 when there is none."),
		letter:  desc("dead_letters", "Actions that were given up and wait for an operator."),
		held:    desc("held_actions", "Actions that a pause or a brake keeps back until an operator decides."),
	}
}

func (c *queueCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.entries
	ch <- c.age
	ch <- c.letter
	ch <- c.held
}

func (c *queueCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	d, err := c.store.Depth(ctx)
	if err != nil {
		return // the gauges are absent while the store cannot be asked
	}
	age := 0.0
	if !d.Oldest.IsZero() {
		age = max(0, time.Since(d.Oldest).Seconds())
	}
	ch <- prometheus.MustNewConstMetric(c.entries, prometheus.GaugeValue, float64(d.Entries))
	ch <- prometheus.MustNewConstMetric(c.age, prometheus.GaugeValue, age)
	ch <- prometheus.MustNewConstMetric(c.letter, prometheus.GaugeValue, float64(d.Dead))
	ch <- prometheus.MustNewConstMetric(c.held, prometheus.GaugeValue, float64(d.Held))
}
