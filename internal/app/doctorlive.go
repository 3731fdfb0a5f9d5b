package app

import (
	"maps"
	"slices"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
	"github.com/groupguard/groupguard/internal/doctor"
)

// live looks at the webhooks, the spool and the heartbeat of the running bot.
func (a *App) live() []doctor.Check {
	var out []doctor.Check
	refused := a.webhooks.Refused()
	for _, p := range slices.Sorted(maps.Keys(refused)) {
		out = append(out, doctor.Refused(p, refused[p])...)
	}
	if a.spool != nil {
		d := a.spool.Depth()
		out = append(out, doctor.SpoolState(doctor.Spool{Entries: d.Entries, Bytes: d.Bytes, Most: d.Most, Refusing: a.spool.Refusing()}))
	}
	if a.cfg.Heartbeat == 0 {
		return append(out, doctor.Heartbeat(doctor.Beat{}))
	}
	beats := a.beats()
	for _, p := range slices.Sorted(maps.Keys(beats)) {
		out = append(out, doctor.Heartbeat(doctor.Beat{Provider: p, Every: a.cfg.Heartbeat, Age: time.Since(beats[p])}))
	}
	return out
}

// beats returns when the last heartbeat of each provider was answered, as the metrics have it.
func (a *App) beats() map[chat.Provider]time.Time {
	out := map[chat.Provider]time.Time{}
	families, err := a.registry.Gather()
	if err != nil {
		return out // the page of metrics says so
	}
	for _, f := range families {
		if f.GetName() != "groupguard_heartbeat_last_success_timestamp_seconds" {
			continue
		}
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if labels["stage"] == "answered" {
				out[chat.Provider(labels["provider"])] = time.UnixMilli(int64(m.GetGauge().GetValue() * 1000))
			}
		}
	}
	return out
}
