"""The protocols that built-ins and guests alike implement."""
