"""One-time codes by e-mail: what Logto asks for, how it is written, within which limits, what became of it.

`message` and `config` read what others wrote, `language` and `form` write the message, `answer` judges what
Mailgun says, `limits` counts; `deliver` and `events` are the use cases.
"""
