// Package webhook is the port that providers send to: routes, limits, authentication and the
// answer in the provider's own words.
//
// It answers with success only after its handler returned, and authenticates before it reads the
// body. It must not judge events, know a provider's format, or touch a store. Echo is confined to
// this package.
package webhook

import (
	"context"
	"net/http"
	"time"

	"github.com/groupguard/groupguard/internal/chat"
)

// Codec is one provider's webhook format.
type Codec interface {
	Provider() chat.Provider
	// Route is the path that requests come to, in Echo's notation.
	Route() string
	// Authenticate decides by the request line and headers alone. It returns a *chat.Refusal.
	Authenticate(r *http.Request, now time.Time) error
	// Decode reads an authenticated body. An error means that the body is not what the provider
	// sends; unknown events and fields are no error.
	Decode(r *http.Request, body []byte, received time.Time) (chat.Delivery, error)
	// Answer is the body of a 200, with one verdict for each event.
	Answer(d chat.Delivery, v []chat.Verdict) []byte
	// Refuse is the body of any other status.
	Refuse(status int, reason string) []byte
}

// Labelled is a Codec that knows the labels of its requests before any arrives: the names of deliveries,
// and the reasons of refusals. Their counters are there from the start.
type Labelled interface {
	Labels() (events, reasons []string)
}

// Handler judges and stores events. An error means that they are not stored.
type Handler interface {
	Handle(ctx context.Context, events []chat.Event) ([]chat.Verdict, error)
}
