"""`passerelle provision`: do at Logto, Mailgun and AWS what a person would do by hand in three consoles.

Each step reads how things are, says in words what it would change, and changes it. Nothing is remembered
between two runs: what was done is seen where it was done, so that a run that was broken off goes on.
"""
