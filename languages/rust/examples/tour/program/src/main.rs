mod people;

use std::io::{self, Write};
use std::process::ExitCode;

use people::Person;

fn ask(question: &str) -> io::Result<String> {
    print!("{question} ");
    io::stdout().flush()?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

fn main() -> io::Result<ExitCode> {
    let times = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    let name = ask("What is your name?")?;
    let Ok(age) = ask("How old are you?")?.parse() else {
        eprintln!("that is not an age");
        return Ok(ExitCode::FAILURE);
    };
    let person = Person { name, age };
    for _ in 0..times {
        println!("Hello, {}!", person.name);
    }
    println!("In 10 years you will be {}.", person.age_in(10));
    Ok(ExitCode::SUCCESS)
}
