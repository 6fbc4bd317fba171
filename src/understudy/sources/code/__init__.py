"""Programs in Python, Java, JavaScript and TypeScript as one small tree."""
