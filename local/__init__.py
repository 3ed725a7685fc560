"""The laptop's cloud: stand-ins for API Gateway, AWS, Logto and Mailgun. Never deployed."""
