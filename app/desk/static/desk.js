// Keys and small comforts. Every page works without this file.
