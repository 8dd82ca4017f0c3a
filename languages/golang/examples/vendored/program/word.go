// Package vendored is a library, with a program beside it.
package vendored

const Word = "required"
