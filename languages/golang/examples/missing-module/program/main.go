package main

import "example.org/missing"

func main() {
	missing.Call()
}
