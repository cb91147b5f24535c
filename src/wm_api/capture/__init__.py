"""wm-capture: runs at the customer, keys the employees, sends only mapped columns. It imports `records` alone."""
