print("before")

error("broken")
