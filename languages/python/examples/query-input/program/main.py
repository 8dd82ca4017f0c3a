name = input("What is your name? ")
age = int(input("How old are you? "))
print(f"{name} will be {age + 10}.")
