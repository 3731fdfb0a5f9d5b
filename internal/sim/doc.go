// Package sim simulates both providers: Tencent Cloud Chat and Alibaba CAMS with its WhatsApp
// groups.
//
// It owns a world of groups and members, the two HTTP APIs on one listener, the webhooks that
// changes of the world cause, faults by script and a history of requests. It is written from the
// providers' documents alone and shares no code with the clients, so that a mistake in one is not
// repeated in the other. Where a document is silent it takes the strict side: a parameter that
// nobody documents is refused.
//
// It must not be reachable from outside: the control surface under /sim/ asks for no password. It
// imports nothing else of this module.
package sim
