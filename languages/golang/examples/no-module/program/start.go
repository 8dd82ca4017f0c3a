package main

import (
	"fmt"
	"slices"
)

func main() {
	numbers := []int{3, 1, 2}
	slices.Sort(numbers)
	fmt.Printf("this is %s, and %v are sorted\n", system, numbers)
}
