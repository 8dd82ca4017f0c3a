package people

import "testing"

func TestAge(t *testing.T) {
	if age := (Person{"Ada", 36}).AgeIn(10); age != 46 {
		t.Fatal(age)
	}
}
