package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"example.org/tour/people"
)

var input = bufio.NewReader(os.Stdin)

func ask(question string) string {
	fmt.Print(question, " ")
	line, err := input.ReadString('\n')
	if err != nil {
		log.Fatal(err)
	}
	return strings.TrimSpace(line)
}

func main() {
	times := 1
	if len(os.Args) > 1 {
		times, _ = strconv.Atoi(os.Args[1])
	}
	name := ask("What is your name?")
	age, err := strconv.Atoi(ask("How old are you?"))
	if err != nil {
		log.Fatal(err)
	}
	person := people.Person{Name: name, Age: age}
	for range times {
		fmt.Printf("Hello, %s!\n", person.Name)
	}
	fmt.Printf("In 10 years you will be %d.\n", person.AgeIn(10))
}
