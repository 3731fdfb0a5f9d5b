// Package tencent speaks Tencent Cloud Chat: it authenticates and decodes webhooks, signs UserSigs,
// and carries out actions through the REST API.
//
// It owns every word of Tencent's formats, and the table that says what each error code means. It
// must not judge an event, keep a queue, retry a call that the dispatcher can repeat, or act on a
// member before it knows that the member is neither owner nor admin of the group.
//
// Document numbers in comments are those of https://www.tencentcloud.com/document/product/1047/<n>,
// as read in November 2026.
package tencent
