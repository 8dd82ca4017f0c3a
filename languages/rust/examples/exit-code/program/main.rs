use std::process::ExitCode;

fn main() -> ExitCode {
    println!("out");
    eprintln!("err");
    ExitCode::from(3)
}
