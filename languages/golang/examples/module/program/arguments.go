package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Print(len(os.Args)-1, " arguments:")
	for _, argument := range os.Args[1:] {
		fmt.Printf(" %q", argument)
	}
	fmt.Println()
}
