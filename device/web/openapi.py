def description(secured):
    return {}
