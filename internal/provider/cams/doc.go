// Package cams speaks to Alibaba Cloud's Chat App Message Service (product cams, version
// 2020-06-06) about WhatsApp groups: it lets webhooks in and decodes them, signs and makes the five
// group calls, reads what they answered, and finds joins by comparing member lists.
//
// It must not judge an event, store one, retry an action, or know how a store lays things out. CAMS
// documents no group event and no field that names the group of a message, so both are settings
// here, and where no group is known there is no event: nobody is ever removed on a guess.
package cams
