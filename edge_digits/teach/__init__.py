"""One writer's hand: what is collected, labelled and learned where the reader runs."""
