// Package acs3 compares Groupguard's own ACS3-HMAC-SHA256 signatures with those of Alibaba's library.
// It is a module of its own, so that the library and what it brings stay out of the product.
package acs3
