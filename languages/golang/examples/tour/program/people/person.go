package people

type Person struct {
	Name string
	Age  int
}

func (person Person) AgeIn(years int) int {
	return person.Age + years
}
