package main

import (
	"fmt"

	"example.org/numbers"
	"example.org/vendored"
)

func main() {
	fmt.Printf("%s: %d\n", vendored.Word, numbers.Answer)
}
