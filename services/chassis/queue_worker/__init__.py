"""The work loop: takes steps from queues, runs them, settles deliveries, buries dead letters."""
