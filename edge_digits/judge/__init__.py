"""The judge: is a hypothesis a digit, several, or none? Small networks on its ink and its surroundings."""
