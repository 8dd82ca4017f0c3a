"""App: runs no programs and answers no queries; services of the user's are started in it."""

name = "app"
