// Package sqlite is the embedded store: one SQLite file in a data folder, for one process.
//
// It owns the folder (a lock file names the process that holds it), the schema and the only handle
// that writes. Every change goes through one writer that groups what waits into a transaction;
// nothing is answered before that transaction is on disk. Reads have a handle of their own. How long a
// claim holds is in memory alone, as claims do not outlive the process.
//
// It must not judge events, know a provider, or go on after an error that leaves it unsure what is
// on disk: it then answers everything with store.ErrFatal.
package sqlite
