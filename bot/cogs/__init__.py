"""What people can say to the bot: a cog for each subject, every command written or slashed."""
