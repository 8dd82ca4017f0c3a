use super::Person;

#[test]
fn ages() {
    let person = Person { name: String::from("Ada"), age: 36 };
    assert_eq!(person.age_in(10), 46);
}
