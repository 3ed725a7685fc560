"""Passerelle: sign-in on AWS Lambda with Logto, one-time codes delivered by Mailgun."""
